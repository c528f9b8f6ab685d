import Fingerprints
import Foundation
import Images
import Testing

struct FingerprintEstimatorTests {
  @Test func `three pictures are too few`() {
    var estimator = FingerprintEstimator()
    for seed in UInt64(0)..<3 {
      estimator.add(WhitenedSpectrum(of: SyntheticPictures.picture(width: 128, height: 128, seed: seed)))
    }
    let error = #expect(throws: FingerprintError.self) { try estimator.template() }
    #expect(error?.code == "fingerprint.pictures")
  }

  @Test func `taking a picture out again leaves what was`() throws {
    let spectra = (UInt64(0)..<6).map {
      WhitenedSpectrum(
        of: SyntheticPictures.picture(
          width: 256, height: 256, seed: $0, pattern: FingerprintSearchTests.pattern))
    }
    var (with, without) = (FingerprintEstimator(), FingerprintEstimator())
    for spectrum in spectra[..<5] {
      with.add(spectrum)
      without.add(spectrum)
    }
    with.add(spectra[5])
    with.remove(spectra[5])
    let (a, b) = (try with.template(), try without.template())
    #expect(zip(a.weights, b.weights).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
  }

  @Test func `a mixed gallery cleans itself`() throws {
    let spectra = (UInt64(0)..<14).map { seed in
      PackedSpectrum(
        WhitenedSpectrum(
          of: SyntheticPictures.picture(
            seed: 1000 + seed, pattern: seed % 3 == 0 ? nil : FingerprintSearchTests.pattern, strength: 3)))
    }
    let outcome = try FingerprintTrainer().train(spectra)
    #expect(outcome.members == (0..<14).filter { $0 % 3 != 0 })
  }

  @Test func `pictures that share nothing give no fingerprint`() {
    let spectra = (UInt64(0)..<6).map {
      PackedSpectrum(
        WhitenedSpectrum(of: SyntheticPictures.picture(width: 256, height: 256, seed: 2000 + $0)))
    }
    #expect(throws: FingerprintError.self) { try FingerprintTrainer().train(spectra) }
  }
}
