package io.twinport.shm;

import io.twinport.contract.AcceptContract;
import io.twinport.contract.BindContract;
import io.twinport.contract.BulkTransferContract;
import io.twinport.contract.CloseContract;
import io.twinport.contract.ConcurrencyContract;
import io.twinport.contract.ConnectContract;
import io.twinport.contract.DescriptorContract;
import io.twinport.contract.InterruptContract;
import io.twinport.contract.MixedPeersContract;
import io.twinport.contract.OptionsContract;
import io.twinport.contract.PendingConnectContract;
import io.twinport.contract.SanPathContract;
import io.twinport.contract.SelectionKeyContract;
import io.twinport.contract.SelectorContract;
import io.twinport.contract.ServerSocketAdaptorContract;
import io.twinport.contract.SocketAdaptorContract;
import io.twinport.contract.SwitchTransport;
import io.twinport.contract.TransferContract;
import io.twinport.contract.Transport;
import io.twinport.contract.VirtualThreadContract;
import org.junit.jupiter.api.Nested;

/** The contract over the switch and shared memory, client and server in one process. */
final class ShmContractTest {
  private static final Transport TRANSPORT = SwitchTransport.over(new ShmProvider());

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

  @Nested
  class SanPath extends SanPathContract {
    SanPath() {
      super(TRANSPORT);
    }
  }
}
