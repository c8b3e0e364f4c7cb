;; A branch with as many ways to go as fit into a function, all of them the same.
(module (func (export "f") (param i32)
  (block
    local.get 0
    br_table
;;@ 10000
    0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
  )))
