import CKernels
import Foundation
import Testing

extension KernelTests {
  @Test(arguments: instructionSets)
  func `integer products are exact, whatever the number of tokens, inputs and outputs`(set: CKInstructionSet)
  {
    let before = ck_instruction_set()
    defer { #expect(ck_use_instruction_set(before)) }
    #expect(ck_use_instruction_set(set))
    var random = PlainRandom(seed: 40)
    for (tokens, fine, groups, outputs) in [
      (1, 0, 1, 16), (1, 1, 3, 16), (2, 2, 5, 48), (5, 1, 50, 32), (13, 0, 16, 64), (31, 3, 7, 80),
      (197, 1, 9, 48), (15, 1, 16, 16), (40, 0, 37, 80), (33, 2, 32, 32), (9, 9, 19, 16),
    ] {
      let rows = tokens + fine
      let stride = groups * 4 + 12
      // Extremes among them: 255 times -127, where products of bytes saturate elsewhere.
      var bytes = (0..<rows * stride).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      var weights = (0..<outputs * groups * 4).map { _ in
        Int8(truncatingIfNeeded: Int(random.next() % 255) - 127)
      }
      for i in 0..<8 { bytes[i % bytes.count] = 255 }
      for i in 0..<64 { weights[i] = i % 2 == 0 ? -127 : 127 }
      let scale = random.floats(rows).map { abs($0) + 0.01 }
      let zero = (0..<rows).map { _ in Int32(random.next() % 256) }
      let weightScale = random.floats(outputs).map { abs($0) + 0.01 }
      let bias = random.floats(outputs)
      let gain = random.floats(outputs)
      var sums = [Int32](repeating: 0, count: outputs)
      ck_integer_sums(weights, groups * 64, groups, outputs, &sums)
      func weight(_ k: Int, _ o: Int) -> Int {
        Int(weights[((o / 16 * groups + k / 4) * 16 + o % 16) * 4 + k % 4])
      }
      for o in 0..<outputs { #expect(Int(sums[o]) == (0..<groups * 4).reduce(0) { $0 + weight($1, o) }) }

      let step = outputs + 3
      let residual = random.floats(tokens * step)
      var y = residual
      var products = [Double](repeating: 0, count: tokens * outputs)
      for row in 0..<rows {
        for o in 0..<outputs {
          let sum = (0..<groups * 4).reduce(0) {
            $0 + (Int(bytes[row * stride + $1]) - Int(zero[row])) * weight($1, o)
          }
          products[(row < fine ? row : row - fine) * outputs + o] +=
            Double(sum) * Double(scale[row]) * Double(weightScale[o])
        }
      }
      let expected = (0..<tokens * outputs).map { i in
        (products[i] + Double(bias[i % outputs])) * Double(gain[i % outputs])
          + Double(residual[i / outputs * step + i % outputs])
      }
      sums.withUnsafeBufferPointer { sums in
        weights.withUnsafeBufferPointer { values in
          weightScale.withUnsafeBufferPointer { weightScale in
            bias.withUnsafeBufferPointer { bias in
              gain.withUnsafeBufferPointer { gain in
                y.withUnsafeMutableBufferPointer { y in
                  withRows(bytes, scale, zero) { quantised in
                    var layer = CKIntegerWeights(
                      outputs: outputs, groups: groups, panelStep: groups * 64, values: values.baseAddress,
                      scale: weightScale.baseAddress, sum: sums.baseAddress)
                    var workspace = [UInt8](
                      repeating: 0, count: Int(ck_integer_product_workspace(&layer, rows)) + 64)
                    var epilogue = CKIntegerEpilogue(
                      bias: bias.baseAddress, gain: gain.baseAddress, residual: y.baseAddress,
                      activation: .none)
                    ck_integer_product(
                      &layer, quantised, stride, tokens, fine, 0, outputs, &epilogue, y.baseAddress, step,
                      &workspace)
                  }
                }
              }
            }
          }
        }
      }
      let found = (0..<tokens * outputs).map { y[$0 / outputs * step + $0 % outputs] }
      #expect(relativeError(found, expected) < 2e-6, "\(tokens) tokens, \(groups) groups, \(outputs) outputs")
      for token in 0..<tokens {
        #expect(
          y[token * step + outputs..<token * step + step]
            == residual[token * step + outputs..<token * step + step])
      }
    }
  }

  @Test(arguments: instructionSets)
  func `quantised rows hold the layer norm's values, fine ones to a 500th of a step`(set: CKInstructionSet) {
    let before = ck_instruction_set()
    defer { #expect(ck_use_instruction_set(before)) }
    #expect(ck_use_instruction_set(set))
    var random = PlainRandom(seed: 41)
    for columns in [1, 4, 17, 64, 768] {
      let (tokens, fine) = (3, 1)
      let x = random.floats(tokens * columns).map { $0 * 3 + 1 }
      let gain = random.floats(columns)
      let bias = random.floats(columns)
      // Column 0 occupies three slots, the last column two.
      let source: [Int32] = columns == 1 ? [] : [0, 0, Int32(columns - 1)]
      var share = [Float](repeating: 1, count: columns)
      var rounding = [Float](repeating: 0.5, count: columns + source.count)
      if columns > 1 {
        share[0] = 1 / 3
        share[columns - 1] = 0.5
        for (place, value) in zip([0, columns, columns + 1], [0.5, 1.5, 2.5]) {
          rounding[place] = Float(value) / 3
        }
        rounding[columns - 1] = 0.25
        rounding[columns + 2] = 0.75
      }
      let count = columns + source.count
      let stride = (count + 3) / 4 * 4
      var bytes = [UInt8](repeating: 77, count: (tokens + fine) * stride)
      var scale = [Float](repeating: 0, count: tokens + fine)
      var zero = [Int32](repeating: 0, count: tokens + fine)
      var workspace = [Float](repeating: 0, count: count)
      let shared = zip(gain, share).map { $0 * $1 }
      let sharedBias = zip(bias, share).map { $0 * $1 }
      source.withUnsafeBufferPointer { source in
        rounding.withUnsafeBufferPointer { rounding in
          share.withUnsafeBufferPointer { share in
            bytes.withUnsafeMutableBufferPointer { bytes in
              scale.withUnsafeMutableBufferPointer { scale in
                zero.withUnsafeMutableBufferPointer { zero in
                  var slots = CKSlots(
                    columns: columns, extra: source.count, stride: stride, source: source.baseAddress,
                    rounding: rounding.baseAddress, share: share.baseAddress)
                  var rows = CKQuantisedRows(
                    values: bytes.baseAddress, scale: scale.baseAddress, zero: zero.baseAddress)
                  ck_layer_norm_quantise(x, tokens, fine, shared, sharedBias, 1e-5, &slots, &rows, &workspace)
                }
              }
            }
          }
        }
      }
      var normed = x
      ck_layer_norm(x, tokens, columns, gain, bias, 1e-5, &normed)
      for token in 0..<tokens {
        let row = x[token * columns..<(token + 1) * columns].map(Double.init)
        let mean = row.reduce(0, +) / Double(columns)
        let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
        func value(_ row: Int, _ slot: Int) -> Double {
          Double(scale[row]) * Double(Int32(bytes[row * stride + slot]) - zero[row])
        }
        for c in 0..<columns {
          let expected = (row[c] - mean) / (variance + 1e-5).squareRoot() * Double(gain[c]) + Double(bias[c])
          #expect(abs(Double(normed[token * columns + c]) - expected) < 2e-5)
          let slots = [c] + source.indices.filter { source[$0] == c }.map { columns + $0 }
          var found = slots.reduce(0) { $0 + value(fine + token, $1) }
          var step = Double(scale[fine + token])
          if token < fine {
            found += slots.reduce(0) { $0 + value(token, $1) }
            step = Double(scale[token]) * Double(slots.count)
          }
          #expect(
            abs(found - expected) <= 0.51 * step + 2e-5, "\(columns) columns, token \(token), column \(c)")
        }
        if token < fine { #expect(scale[token] * 100 < scale[fine + token]) }
        for padding in count..<stride { #expect(bytes[(fine + token) * stride + padding] == 0) }
      }
    }
  }

  @Test(arguments: instructionSets)
  func `attention follows softmax and plain loops`(set: CKInstructionSet) {
    let before = ck_instruction_set()
    defer { #expect(ck_use_instruction_set(before)) }
    #expect(ck_use_instruction_set(set))
    var random = PlainRandom(seed: 42)
    for (queries, keys, width, fine) in [
      (1, 1, 16, 1), (1, 7, 32, 0), (5, 5, 64, 1), (30, 50, 48, 3), (197, 197, 64, 1),
    ] {
      let stride = 3 * width + 5
      let x = random.floats(max(queries, keys) * stride).map { $0 * 2 }
      let scale = 1 / Float(width).squareRoot()
      var y = [Float](repeating: 0, count: queries * width)
      let bytes = Int(ck_attention_workspace(queries, keys, width, fine))
      let workspace = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      defer { workspace.deallocate() }
      x.withUnsafeBufferPointer { x in
        let base = x.baseAddress!
        ck_attention(
          base, base + width, base + 2 * width, stride, queries, keys, width, fine, scale, &y, width,
          workspace)
      }
      var expected = [Double](repeating: 0, count: y.count)
      for q in 0..<queries {
        let scores = (0..<keys).map { k in
          (0..<width).reduce(0.0) { $0 + Double(x[q * stride + $1]) * Double(x[k * stride + width + $1]) }
            * Double(scale)
        }
        let peak = scores.max() ?? 0
        let weights = scores.map { exp($0 - peak) }
        let total = weights.reduce(0, +)
        for d in 0..<width {
          expected[q * width + d] = (0..<keys).reduce(0.0) {
            $0 + weights[$1] / total * Double(x[$1 * stride + 2 * width + d])
          }
        }
      }
      // Keys and values have 8 bits, queries too; their weights 16.
      #expect(relativeError(y, expected) < 0.02, "\(queries) queries, \(keys) keys, \(width) channels")
    }
  }

  @Test(arguments: instructionSets)
  func `the error units follow their definitions`(set: CKInstructionSet) {
    let before = ck_instruction_set()
    defer { #expect(ck_use_instruction_set(before)) }
    #expect(ck_use_instruction_set(set))
    let x = (-2000...2000).map { Float($0) / 100 }
    let ones = x.map { _ in Float(1) }
    for (kind, plain) in [
      (CKActivation.quickGelu, { (x: Double) in x / (1 + exp(-1.702 * x)) }),
      (CKActivation.geluErf, { (x: Double) in 0.5 * x * (1 + erf(x / 2.0.squareRoot())) }),
    ] {
      var y = x
      var slope = x
      ck_activation_forward(kind, 0, x, &y, x.count)
      ck_activation_backward(kind, 0, x, ones, &slope, x.count)
      for (i, x) in x.enumerated() {
        let x = Double(x)
        #expect(abs(Double(y[i]) - plain(x)) < 3e-6 * max(1, abs(x)))
        #expect(abs(Double(slope[i]) - (plain(x + 1e-5) - plain(x - 1e-5)) / 2e-5) < 1e-5)
      }
    }
  }

  @Test func `a checksum is the same for every instruction set, and another for every changed byte`() {
    let before = ck_instruction_set()
    defer { #expect(ck_use_instruction_set(before)) }
    var bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * $0) }
    let sums = instructionSets.map { set in
      #expect(ck_use_instruction_set(set))
      return ck_checksum(bytes, bytes.count)
    }
    #expect(Set(sums).count == 1)
    for i in bytes.indices {
      bytes[i] ^= 0x40
      #expect(ck_checksum(bytes, bytes.count) != sums[0])
      bytes[i] ^= 0x40
      #expect(ck_checksum(bytes, i) != sums[0])
    }
  }
}

private func withRows(
  _ bytes: [UInt8], _ scale: [Float], _ zero: [Int32], _ body: (UnsafePointer<CKQuantisedRows>) -> Void
) {
  var (bytes, scale, zero) = (bytes, scale, zero)
  bytes.withUnsafeMutableBufferPointer { bytes in
    scale.withUnsafeMutableBufferPointer { scale in
      zero.withUnsafeMutableBufferPointer { zero in
        var rows = CKQuantisedRows(
          values: bytes.baseAddress, scale: scale.baseAddress, zero: zero.baseAddress)
        body(&rows)
      }
    }
  }
}
