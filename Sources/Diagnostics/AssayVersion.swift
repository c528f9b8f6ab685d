/// The version of the programs, and of what they write.
public let assayVersion = "0.1.0"
