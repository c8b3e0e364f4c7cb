;; Two thousand modules.
(component
;;@ 2000
  (core module)
)
