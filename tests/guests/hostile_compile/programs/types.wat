;; Two hundred thousand types.
(module
;;@ 200000
  (type (func))
)
