;; More memories than a component may have, each of one page.
(component
  (core module $m (memory 1))
;;@ 8
  (core instance (instantiate $m))
)
