import Generators
import NeuralNetworks
import Tensors
import Testing

struct NeighbourSpreadTests {
  private func rows(_ values: [[Float]]) -> Tensor {
    Tensor(values.flatMap { $0 }, shape: [values.count, values[0].count])
  }

  private static let grid = (0..<36).map { [Float($0 % 6), Float($0 / 6)] }

  @Test func `pictures that lie as real ones do are left alone`() {
    var spread = NeighbourSpread(real: rows(Self.grid))
    let tape = Tape(.training)
    let found = spread.loss(tape.input(rows(Self.grid)))
    #expect(found.loss.tensor.item < 1e-4)
    #expect(abs(found.distance - 1) < 1e-4)
  }

  /// Both have the real mean and deviation; only the neighbours tell that one has four pictures only.
  @Test func `a picture that comes back is pushed from the last time it came`() throws {
    var spread = NeighbourSpread(real: rows(Self.grid))
    let corners: [[Float]] = [[0.6, 0.6], [4.4, 0.6], [0.6, 4.4], [4.4, 4.4]]
    _ = spread.loss(Tape(.training).input(rows(corners)))
    let tape = Tape(.training)
    let again = tape.input(rows(corners.map { [$0[0] + 0.1, $0[1]] }))
    let found = spread.loss(again)
    #expect(found.loss.tensor.item > 0.85 && found.distance < 0.15)
    let gradient = try #require(found.loss.gradients()[again])
    for row in 0..<4 {
      // Down the gradient is away from where it was, and nowhere else.
      #expect(gradient.values[2 * row] < 0 && abs(gradient.values[2 * row + 1]) < 1e-4)
    }
  }

  @Test func `only the latest pictures are remembered`() {
    var spread = NeighbourSpread(real: rows(Self.grid))
    _ = spread.loss(Tape(.training).input(rows([[2, 2]])))
    let far = (0..<NeighbourSpread.capacity).map { [Float(1000 + 100 * $0), 0] }
    _ = spread.loss(Tape(.training).input(rows(far)))
    #expect(spread.loss(Tape(.training).input(rows([[2, 2]]))).loss.tensor.item == 0)
  }
}
