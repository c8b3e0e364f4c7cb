;; A quarter of a million functions.
(module
;;@ 250000
  (func)
)
