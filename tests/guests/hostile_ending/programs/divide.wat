;; Divides by zero when it is instantiated.
(module
  (func $start (drop (i32.div_s (i32.const 1) (i32.const 0))))
  (start $start))
