;; Four memories, each of which is within the limit by itself.
(component
  (core module $m (memory 1024))
  (core instance (instantiate $m))
  (core instance (instantiate $m))
  (core instance (instantiate $m))
)
