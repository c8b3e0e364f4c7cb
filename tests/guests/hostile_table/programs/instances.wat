;; Five hundred instances of a module with nothing in it.
(component
  (core module $m)
;;@ 500
  (core instance (instantiate $m))
)
