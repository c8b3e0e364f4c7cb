;; Grows a table by four billion elements at once, and by two.
(module
  (table 1 funcref)
  (func $refused (param $more i32)
    (if (i32.ne (table.grow (ref.null func) (local.get $more)) (i32.const -1))
      (then unreachable)))
  (func $start
    (call $refused (i32.const 0xffffffff))
    (call $refused (i32.const 0xfffffffe))
    (call $refused (i32.const 0x80000000))
    (call $refused (i32.const 0x7fffffff)))
  (start $start))
