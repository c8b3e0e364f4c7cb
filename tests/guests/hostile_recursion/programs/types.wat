;; A list of lists of lists, two hundred deep.
(component
  (type (list u8))
;;@ 200
  (type (list {n}))
)
