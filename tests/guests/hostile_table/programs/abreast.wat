;; A hundred tables in one module.
(module
;;@ 100
  (table 1 funcref)
)
