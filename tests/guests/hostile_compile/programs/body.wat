;; One function of more than a megabyte.
(module (func
;;@ 40000
  i32.const 1 drop i32.const 1 drop i32.const 1 drop i32.const 1 drop i32.const 1 drop
;;@ 40000
  i32.const 1 drop i32.const 1 drop i32.const 1 drop i32.const 1 drop i32.const 1 drop
))
