package io.twinport.contract;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The contract of {@code java.net} over the JDK's own sockets. */
@Tag("installed-too")
final class JdkTcpSocketContractTest extends SocketContractSuite {
  private static final Transport TRANSPORT = new JdkTransport();

  JdkTcpSocketContractTest() {
    super(TRANSPORT);
  }

  /** What this JVM has installed is the JDK's own. */
  @Nested
  class HttpClient extends JdkHttpClientContract {
    HttpClient() {
      super(TRANSPORT);
    }
  }

  @Nested
  class HttpServer extends JdkHttpServerContract {
    HttpServer() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }
}
