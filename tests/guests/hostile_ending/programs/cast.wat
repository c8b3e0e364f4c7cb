;; Calls a function as one of another type.
(module
  (type $number (func (result i64)))
  (table 1 funcref)
  (elem (i32.const 0) $start)
  (func $start (drop (call_indirect (type $number) (i32.const 0))))
  (start $start))
