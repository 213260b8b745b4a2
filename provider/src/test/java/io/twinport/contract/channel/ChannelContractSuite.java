package io.twinport.contract.channel;

import io.twinport.contract.channel.adaptor.ChannelStreamContract;
import io.twinport.contract.channel.adaptor.ServerSocketAdaptorContract;
import io.twinport.contract.channel.adaptor.SocketAdaptorContract;
import io.twinport.contract.channel.adaptor.SocketAdaptorStreamContract;
import io.twinport.contract.channel.selector.ConcurrencyContract;
import io.twinport.contract.channel.selector.MixedPeersContract;
import io.twinport.contract.channel.selector.SelectionKeyContract;
import io.twinport.contract.channel.selector.SelectorActionContract;
import io.twinport.contract.channel.selector.SelectorContract;
import io.twinport.contract.channel.selector.SelectorWakeupContract;
import io.twinport.contract.support.Transport;
import org.junit.jupiter.api.Nested;

/** All contract tests of channels and selectors over one transport, given by the subclass. */
public abstract class ChannelContractSuite {
  private final Transport over;

  protected ChannelContractSuite(Transport transport) {
    this.over = transport;
  }

  @Nested
  class Connect extends ConnectContract {
    Connect() {
      super(over);
    }
  }

  @Nested
  class Address extends ChannelAddressContract {
    Address() {
      super(over);
    }
  }

  @Nested
  class PendingConnect extends PendingConnectContract {
    PendingConnect() {
      super(over);
    }
  }

  @Nested
  class Bind extends BindContract {
    Bind() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class Accept extends AcceptContract {
    Accept() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class ChannelState extends ChannelStateContract {
    ChannelState() {
      super(over);
    }
  }

  @Nested
  class ChannelStateOfTheAcceptedEnd extends ChannelStateContract {
    ChannelStateOfTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class Close extends CloseContract {
    Close() {
      super(over);
    }
  }

  @Nested
  class CloseFromTheAcceptedEnd extends CloseContract {
    CloseFromTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class Transfer extends TransferContract {
    Transfer() {
      super(over);
    }
  }

  @Nested
  class TransferFromTheAcceptedEnd extends TransferContract {
    TransferFromTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class BulkTransfer extends BulkTransferContract {
    BulkTransfer() {
      super(over);
    }
  }

  @Nested
  class BulkTransferFromTheAcceptedEnd extends BulkTransferContract {
    BulkTransferFromTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class Interrupt extends InterruptContract {
    Interrupt() {
      super(over);
    }
  }

  @Nested
  class InterruptFromTheAcceptedEnd extends InterruptContract {
    InterruptFromTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class Selector extends SelectorContract {
    Selector() {
      super(over);
    }
  }

  @Nested
  class SelectorWakeup extends SelectorWakeupContract {
    SelectorWakeup() {
      super(over);
    }
  }

  @Nested
  class SelectorAction extends SelectorActionContract {
    SelectorAction() {
      super(over);
    }
  }

  @Nested
  class SelectionKey extends SelectionKeyContract {
    SelectionKey() {
      super(over);
    }
  }

  @Nested
  class SelectionKeyFromTheAcceptedEnd extends SelectionKeyContract {
    SelectionKeyFromTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class SocketAdaptor extends SocketAdaptorContract {
    SocketAdaptor() {
      super(over);
    }
  }

  @Nested
  class SocketAdaptorStream extends SocketAdaptorStreamContract {
    SocketAdaptorStream() {
      super(over);
    }
  }

  @Nested
  class SocketAdaptorFromTheAcceptedEnd extends SocketAdaptorContract {
    SocketAdaptorFromTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class SocketAdaptorStreamFromTheAcceptedEnd extends SocketAdaptorStreamContract {
    SocketAdaptorStreamFromTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class ServerSocketAdaptor extends ServerSocketAdaptorContract {
    ServerSocketAdaptor() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class Options extends OptionsContract {
    Options() {
      super(over);
    }
  }

  @Nested
  class Concurrency extends ConcurrencyContract {
    Concurrency() {
      super(over);
    }
  }

  @Nested
  class Descriptor extends DescriptorContract {
    Descriptor() {
      super(over);
    }
  }

  @Nested
  class VirtualThread extends VirtualThreadContract {
    VirtualThread() {
      super(over);
    }
  }

  @Nested
  class MixedPeers extends MixedPeersContract {
    MixedPeers() {
      super(over);
    }
  }

  @Nested
  class FlightRecorder extends FlightRecorderContract {
    FlightRecorder() {
      super(over);
    }
  }

  @Nested
  class FileTransfer extends FileTransferContract {
    FileTransfer() {
      super(over);
    }
  }

  @Nested
  class ChannelStream extends ChannelStreamContract {
    ChannelStream() {
      super(over);
    }
  }
}
