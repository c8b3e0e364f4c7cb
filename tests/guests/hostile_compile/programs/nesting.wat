;; Components inside of components, fifty deep.
(component
;;@ 50
  (component
;;@ 50
  )
)
