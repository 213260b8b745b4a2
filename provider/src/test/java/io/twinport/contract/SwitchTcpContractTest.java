package io.twinport.contract;

import org.junit.jupiter.api.Nested;

/** The contract over the switch with no SAN provider: TCP, and nothing else may change. */
final class SwitchTcpContractTest {
  private static final Transport TRANSPORT = SwitchTransport.overTcp();

  @Nested
  class Connect extends ConnectContract {
    Connect() {
      super(TRANSPORT);
    }
  }

  @Nested
  class PendingConnect extends PendingConnectContract {
    PendingConnect() {
      super(TRANSPORT);
    }
  }

  @Nested
  class Bind extends BindContract {
    Bind() {
      super(TRANSPORT);
    }
  }

  @Nested
  class Accept extends AcceptContract {
    Accept() {
      super(TRANSPORT);
    }
  }

  @Nested
  class Close extends CloseContract {
    Close() {
      super(TRANSPORT);
    }
  }

  @Nested
  class CloseFromTheAcceptedEnd extends CloseContract {
    CloseFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class Transfer extends TransferContract {
    Transfer() {
      super(TRANSPORT);
    }
  }

  @Nested
  class TransferFromTheAcceptedEnd extends TransferContract {
    TransferFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class BulkTransfer extends BulkTransferContract {
    BulkTransfer() {
      super(TRANSPORT);
    }
  }

  @Nested
  class BulkTransferFromTheAcceptedEnd extends BulkTransferContract {
    BulkTransferFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class Interrupt extends InterruptContract {
    Interrupt() {
      super(TRANSPORT);
    }
  }

  @Nested
  class InterruptFromTheAcceptedEnd extends InterruptContract {
    InterruptFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class Selector extends SelectorContract {
    Selector() {
      super(TRANSPORT);
    }
  }

  @Nested
  class SelectionKey extends SelectionKeyContract {
    SelectionKey() {
      super(TRANSPORT);
    }
  }

  @Nested
  class SelectionKeyFromTheAcceptedEnd extends SelectionKeyContract {
    SelectionKeyFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class SocketAdaptor extends SocketAdaptorContract {
    SocketAdaptor() {
      super(TRANSPORT);
    }
  }

  @Nested
  class SocketAdaptorFromTheAcceptedEnd extends SocketAdaptorContract {
    SocketAdaptorFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class ServerSocketAdaptor extends ServerSocketAdaptorContract {
    ServerSocketAdaptor() {
      super(TRANSPORT);
    }
  }

  @Nested
  class Options extends OptionsContract {
    Options() {
      super(TRANSPORT);
    }
  }

  @Nested
  class Concurrency extends ConcurrencyContract {
    Concurrency() {
      super(TRANSPORT);
    }
  }

  @Nested
  class Descriptor extends DescriptorContract {
    Descriptor() {
      super(TRANSPORT);
    }
  }

  @Nested
  class VirtualThread extends VirtualThreadContract {
    VirtualThread() {
      super(TRANSPORT);
    }
  }

  @Nested
  class MixedPeers extends MixedPeersContract {
    MixedPeers() {
      super(TRANSPORT);
    }
  }
}
