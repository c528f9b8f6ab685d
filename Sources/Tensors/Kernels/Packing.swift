/// What a packed copy of weights was made for: the order of the numbers depends on all of these.
struct PackingKey: Hashable {
  var weight: Shape
  var stride: Int
  var pass: Int
  var algorithm: Int
  var padTop: Int
  var padLeft: Int
  var count: Int
  var instructionSet: Int
}
