;; Forty tables.
(component
  (core module $m (table 1 funcref))
;;@ 40
  (core instance (instantiate $m))
)
