/// Looks for published payloads in a picture that was cut on any side.
struct CropSearch {
  var planes: [Chroma]

  /// An offset that stands out this far is a family of its own with few trials.
  static let prominent = 8.0
  /// How many offsets a domain gets.
  static let strongest = 4
  static let tried = 1

  private struct Place {
    var plane: Int
    var domain: EmbeddingDomain
    var method: DWTMethod
    var x: Int
    var y: Int
    var isProminent: Bool
  }

  func run(nearMiss: inout Mark?) -> Mark? {
    let places = places()
    let prominent = places.filter(\.isProminent).count
    var best: (mark: Mark, z: Double)?
    var others: [Mark.RunnerUp] = []
    for place in places {
      let view = DWTReader.View(
        method: place.method, domain: place.domain, plane: place.plane,
        grid: VoteGrid(
          BlockApproximations(planes[place.plane], x: place.x, y: place.y), method: place.method,
          domain: place.domain))
      for known in KnownPayload.all where view.grid.count >= 4 * known.payload.count {
        let length = known.payload.count
        let found = StrideSearch.best(view.grid, payload: known.payload)
        let fold = PayloadFold(
          view.grid, length: length, stride: found.stride, phase: found.phase, variance: view.variance)
        let match = fold.match(known.payload, isText: known.isText)
        let among = place.isProminent ? prominent : places.count
        let trials = Double(KnownPayload.all.count * among * length * length) * AlignedSearch.families
        let p = AlignedSearch.pValue(of: match, trials: trials)
        let mark = Mark(
          scheme: place.method.rawValue, payload: known.payload, payloadName: known.name, pValue: p,
          bitAgreement: match.agreement,
          geometry: .init(offset: .init(x: Double((place.x - 8) % 8), y: Double((place.y - 8) % 8))))
        others.append(
          .init(payload: known.payload, payloadName: known.name, pValue: p, bitAgreement: match.agreement))
        if p <= DWTReader.significance, !match.isContradicted, known.isTold(by: match.bits),
          match.z > best?.z ?? 0
        {
          best = (mark, match.z)
        } else if best == nil, p < nearMiss?.pValue ?? 1 {
          nearMiss = mark
        }
      }
    }
    guard var mark = best?.mark else { return nil }
    mark.runnerUp = others.filter { $0.payload != mark.payload }.min { $0.pValue < $1.pValue }
    return mark
  }

  private func places() -> [Place] {
    planes.indices.flatMap { plane in
      OffsetSearch.candidates(in: planes[plane]).flatMap { domain, method, offsets in
        let strong = offsets.prefix(Self.strongest).filter { $0.prominence >= Self.prominent }
        let chosen = strong.isEmpty ? Array(offsets.prefix(Self.tried)) : Array(strong)
        return chosen.map {
          Place(
            plane: plane, domain: domain, method: method, x: $0.x, y: $0.y,
            isProminent: $0.prominence >= Self.prominent)
        }
      }
    }
  }
}
