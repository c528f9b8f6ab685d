import NeuralNetworks
import Tensors
import Testing

struct WeightMeanTests {
  private func network(_ seed: UInt64) -> Sequential {
    var random = RandomStream(seed: seed)
    return Sequential(Conv2d(1, 2, kernel: 1, bias: false, random: &random), BatchNorm2d(2))
  }

  @Test func `the mean network has the mean of each number`() {
    let networks = [network(1), network(2), network(3)]
    let mean = Sequential.mean(of: networks)
    for (place, entry) in mean.parameters.enumerated() {
      let expected = networks.map { $0.parameters[place].parameter.value }.reduce(
        Tensor(entry.parameter.value.shape)
      ) {
        $0 + $1
      }
      for (a, b) in zip(entry.parameter.value.values, expected.values) { #expect(abs(a - b / 3) < 1e-6) }
    }
    // The first network is not changed by being first.
    #expect(networks[0].weights == network(1).weights)
  }

  @Test func `statistics found again are those of the batches and no longer the old ones`() {
    var network = network(4)
    let weight = network.parameters[0].parameter.value.values
    let batches = [Tensor([1, 3], shape: [2, 1, 1, 1]), Tensor([5, 9], shape: [2, 1, 1, 1])]
    network.findStatistics(count: 2) { batches[$0] }
    let found = network.weights
    let (mean, variance) = (found["1.running_mean"]?.values ?? [], found["1.running_var"]?.values ?? [])
    for channel in 0..<2 {
      let w = weight[channel]
      #expect(abs(mean[channel] - w * (2 + 7) / 2) < 1e-5)
      // Of n − 1 samples, as the layer keeps it: 2 and 8.
      #expect(abs(variance[channel] - w * w * (2 + 8) / 2) < 1e-4)
    }
  }
}
