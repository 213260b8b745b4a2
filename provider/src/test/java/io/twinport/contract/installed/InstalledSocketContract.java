package io.twinport.contract.installed;

import io.twinport.contract.socket.SocketContractSuite;
import io.twinport.contract.socket.protocol.JdkHttpClientContract;
import io.twinport.contract.socket.protocol.JdkHttpServerContract;
import org.junit.jupiter.api.Nested;

/** As {@link InstalledContract}, for the sockets of {@code java.net}. */
final class InstalledSocketContract extends SocketContractSuite {
  InstalledSocketContract() {
    super(InstalledContract.TRANSPORT);
  }

  @Nested
  class HttpClient extends JdkHttpClientContract {
    HttpClient() {
      super(InstalledContract.TRANSPORT);
    }
  }

  @Nested
  class HttpServer extends JdkHttpServerContract {
    HttpServer() {
      super(InstalledContract.TRANSPORT.fromAcceptedEnd());
    }
  }
}
