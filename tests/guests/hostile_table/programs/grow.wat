;; Grows a table until that is refused.
(module
  (table 1 funcref)
  (func $start
    (loop $again
      (br_if $again (i32.ne (table.grow (ref.null func) (i32.const 100)) (i32.const -1))))
    ;; It was given more than any plugin needs.
    (if (i32.gt_u (table.size) (i32.const 20000)) (then unreachable)))
  (start $start))
