package io.twinport.contract;

import io.twinport.contract.socket.SocketContractSuite;
import io.twinport.contract.socket.protocol.JdkHttpClientContract;
import io.twinport.contract.socket.protocol.JdkHttpServerContract;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.Transport;
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
