import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct ChatTransportTests {
  typealias Server = MisbehavingServer

  private static func request(_ server: Server, _ content: String = "waltz") -> ChatRequest {
    let body = ChatQuestion(system: "", user: content).body(model: "small")
    return ChatRequest(
      url: server.endpoint + "/chat/completions", headers: [("X-Number", "7")],
      body: Array(body.utf8))
  }

  @Test func whatIsSentAndWhatComesBackIsWhole() async throws {
    let long = String(repeating: "la ", count: 100_000)
    let server = try Server { _, _ in .status(418, headers: ["X-Tea": "a: b"], body: long) }
    defer { server.close() }
    let transport = ChatTransport(connectionCount: 1, timeout: 5)
    // Twice, as the second has the first one's memory.
    for content in [long, "short"] {
      let response = try await transport.send(Self.request(server, content))
      #expect(response.status == 418)
      #expect(response.headers["x-tea"] == "a: b")
      #expect(String(decoding: response.body, as: UTF8.self) == long)
    }
    #expect(server.requests.map(\.content) == [long, "short"])
    #expect(server.requests.first?.headers["x-number"] == "7")
    #expect(server.requests.allSatisfy { $0.headers["expect"] == nil })
  }

  @Test func requestsShareConnections() async throws {
    let server = try Server { _, _ in .answer { $0 } }
    defer { server.close() }
    let transport = ChatTransport(connectionCount: 2, timeout: 5)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<20 {
        group.addTask { _ = try await transport.send(Self.request(server)) }
      }
      try await group.waitForAll()
    }
    #expect(server.requestCount == 20)
    #expect((1...2).contains(server.connectionCount))
  }

  @Test func aThousandRequestsCanBeOnTheirWayAtOnce() async throws {
    let server = try Server(keepsRequests: false) { _, _ in .answer({ $0 }, after: 1) }
    defer { server.close() }
    // Twice as many as are needed: the server's ends are open files of this process too.
    let transport = ChatTransport(connectionCount: 2048, timeout: 20)
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<1024 {
        group.addTask { try await transport.send(Self.request(server)).status }
      }
      for try await status in group { #expect(status == 200) }
    }
    #expect(server.requestCount == 1024)
  }

  @Test func anAnswerWithoutEndIsCutOff() async throws {
    let server = try Server { _, _ in
      .status(200, body: String(repeating: "long ", count: 2_000_000))
    }
    defer { server.close() }
    let transport = ChatTransport(connectionCount: 1, timeout: 5)
    await #expect(throws: TransportFailure.hopeless("an answer of more than 8 MiB")) {
      _ = try await transport.send(Self.request(server))
    }
  }

  /// A chat completion that says "A waltz.".
  private static let compressed =
    "H4sIAAAAAAACAxWJywmAMBBEWwlzFgvwZh0isoRVA5oVZ0EwpHfj7X0K4m4pKjGEqeBUUjZtUnDb8QOE"
    + "THTJji4gWnZt2PoYHjn87VFbX1NO3JdbhZb/S7cLda4f4LQUimEAAAA="

  @Test func aCompressedAnswerIsRead() async throws {
    let body = try #require(Data(base64Encoded: Self.compressed))
    let server = try Server { _, _ in .gzip(Array(body)) }
    defer { server.close() }
    let transport = ChatTransport(connectionCount: 1, timeout: 5)
    let response = try await transport.send(Self.request(server))
    #expect(ChatAnswer(body: response.body)?.text == "A waltz.")
    #expect(server.requests.first?.headers["accept-encoding"]?.contains("gzip") == true)
  }

  @Test func aDamagedCompressedAnswerMayDoBetterNextTime() async throws {
    let server = try Server { _, _ in .gzip(Array("no gzip at all".utf8)) }
    defer { server.close() }
    let transport = ChatTransport(connectionCount: 1, timeout: 5)
    do throws(TransportFailure) {
      _ = try await transport.send(Self.request(server))
      Issue.record("no failure")
    } catch {
      guard case .broken = error else { throw error }
    }
  }

  @Test func aServerThatDripsIsWaitedForOnlySoLong() async throws {
    let server = try Server { _, _ in .drip }
    defer { server.close() }
    let transport = ChatTransport(connectionCount: 1, timeout: 0.3)
    await #expect(throws: TransportFailure.broken("no answer in time")) {
      _ = try await transport.send(Self.request(server))
    }
  }

  @Test func afterACancellationAServerThatDripsIsWaitedForLess() async throws {
    let server = try Server { _, _ in .drip }
    defer { server.close() }
    let ended = Lines()
    let patient = Task {
      _ = try? await ChatTransport(connectionCount: 1, timeout: 0.8).send(Self.request(server))
      ended.add("patient")
    }
    let canceled = Task {
      _ = try? await ChatTransport(connectionCount: 1, timeout: 0.8).send(Self.request(server))
      ended.add("canceled")
    }
    while server.requestCount < 2 { try await Task.sleep(for: .milliseconds(5)) }
    canceled.cancel()
    await canceled.value
    await patient.value
    #expect(ended.texts == ["canceled", "patient"])
  }

  @Test func aConnectionThatEndsDuringTheTLSHandshakeMayDoBetterNextTime() async throws {
    let server = try Server(refusesTLS: false) { _, _ in .silence }
    defer { server.close() }
    let transport = ChatTransport(connectionCount: 1, timeout: 5)
    var request = Self.request(server)
    request.url = "https://127.0.0.1:\(server.port)/"
    do throws(TransportFailure) {
      _ = try await transport.send(request)
      Issue.record("no failure")
    } catch {
      guard case .broken = error else { throw error }
    }
  }

  @Test func aTransportThatGoesAwayAnswersFirst() async throws {
    let server = try Server { _, _ in .answer({ $0 }, after: 0.2) }
    defer { server.close() }
    let sending = Task {
      try await ChatTransport(connectionCount: 1, timeout: 5).send(Self.request(server)).status
    }
    sending.cancel()
    #expect(try await sending.value == 200)
  }

  @Test func onlyTheWebIsAsked() async throws {
    let transport = ChatTransport(connectionCount: 1, timeout: 5)
    await #expect(throws: TransportFailure.self) {
      _ = try await transport.send(ChatRequest(url: "file:///etc/hostname", headers: [], body: []))
    }
  }
}
