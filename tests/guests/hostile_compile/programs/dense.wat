;; One function that is short enough to be compiled and takes long: many variables that are
;; all alive through many loops.
(module (func (export "f") (result i64)
;;@ 2500
  (local i64 i64 i64 i64)
;;@ 2500
  (loop i64.const {n} local.tee {n} i32.wrap_i64 br_if 0)
;;@ 2500
  (loop local.get {n} i64.const 7 i64.add local.tee {n} i32.wrap_i64 br_if 0)
  i64.const 0
;;@ 10000
  local.get {n} i64.xor
))
