package io.twinport.contract.socket;

import io.twinport.contract.socket.protocol.RmiContract;
import io.twinport.contract.socket.protocol.SocketProxyContract;
import io.twinport.contract.socket.protocol.SocketTlsContract;
import io.twinport.contract.support.Transport;
import org.junit.jupiter.api.Nested;

/** All contract tests of {@code java.net} over one transport, given by the subclass. */
public abstract class SocketContractSuite {
  private final Transport over;

  protected SocketContractSuite(Transport transport) {
    this.over = transport;
  }

  @Nested
  class Connect extends SocketConnectContract {
    Connect() {
      super(over);
    }
  }

  @Nested
  class Address extends SocketAddressContract {
    Address() {
      super(over);
    }
  }

  @Nested
  class Refusal extends RefusalContract {
    Refusal() {
      super(over);
    }
  }

  @Nested
  class UniqueAddress extends UniqueAddressContract {
    UniqueAddress() {
      super(over);
    }
  }

  @Nested
  class UniqueAddressOfTheAcceptedEnd extends UniqueAddressContract {
    UniqueAddressOfTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class State extends SocketStateContract {
    State() {
      super(over);
    }
  }

  @Nested
  class StateOfTheAcceptedEnd extends SocketStateContract {
    StateOfTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class Transfer extends SocketTransferContract {
    Transfer() {
      super(over);
    }
  }

  @Nested
  class TransferFromTheAcceptedEnd extends SocketTransferContract {
    TransferFromTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class Timeout extends SocketTimeoutContract {
    Timeout() {
      super(over);
    }
  }

  @Nested
  class TimeoutOfTheAcceptedEnd extends SocketTimeoutContract {
    TimeoutOfTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class Close extends SocketCloseContract {
    Close() {
      super(over);
    }
  }

  @Nested
  class CloseOfTheAcceptedEnd extends SocketCloseContract {
    CloseOfTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class HalfClose extends SocketHalfCloseContract {
    HalfClose() {
      super(over);
    }
  }

  @Nested
  class HalfCloseOfTheAcceptedEnd extends SocketHalfCloseContract {
    HalfCloseOfTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class UrgentData extends SocketUrgentDataContract {
    UrgentData() {
      super(over);
    }
  }

  @Nested
  class UrgentDataFromTheAcceptedEnd extends SocketUrgentDataContract {
    UrgentDataFromTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class Reset extends SocketResetContract {
    Reset() {
      super(over);
    }
  }

  @Nested
  class ResetOfTheAcceptedEnd extends SocketResetContract {
    ResetOfTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class Option extends SocketOptionContract {
    Option() {
      super(over);
    }
  }

  @Nested
  class Interrupt extends SocketInterruptContract {
    Interrupt() {
      super(over);
    }
  }

  @Nested
  class InterruptOfTheAcceptedEnd extends SocketInterruptContract {
    InterruptOfTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class Accept extends ServerSocketAcceptContract {
    Accept() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class Bind extends ServerSocketBindContract {
    Bind() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class Factory extends SocketFactoryContract {
    Factory() {
      super(over);
    }
  }

  @Nested
  class Proxy extends SocketProxyContract {
    Proxy() {
      super(over);
    }
  }

  @Nested
  class Tls extends SocketTlsContract {
    Tls() {
      super(over);
    }
  }

  @Nested
  class Rmi extends RmiContract {
    Rmi() {
      super(over);
    }
  }

  @Nested
  class Endings extends EndingsContract {
    Endings() {
      super(over);
    }
  }
}
