package io.twinport.contract.san;

import io.twinport.contract.async.AsynchronousConnectContract;
import io.twinport.contract.channel.ChannelStateContract;
import io.twinport.contract.channel.InterruptContract;
import io.twinport.contract.channel.PendingConnectContract;
import io.twinport.contract.channel.VirtualThreadContract;
import io.twinport.contract.socket.SocketAddressContract;
import io.twinport.contract.socket.SocketConnectContract;
import io.twinport.contract.support.Transport;
import org.junit.jupiter.api.Nested;

/**
 * What has to hold of connects that pend, and of calls that are ended from outside, where a
 * listener whose SAN queue is full sends its clients on to TCP, as {@code
 * twinport.backlog-full=tcp} has it: the same as over TCP alone. The listeners that are full are
 * the transport's own here.
 */
public abstract class FullBacklogContractSuite {
  private final Transport over;

  protected FullBacklogContractSuite(Transport transport) {
    this.over = transport;
  }

  @Nested
  class FullBacklog extends FullBacklogContract {
    FullBacklog() {
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
  class VirtualThread extends VirtualThreadContract {
    VirtualThread() {
      super(over);
    }
  }

  @Nested
  class ChannelState extends ChannelStateContract {
    ChannelState() {
      super(over);
    }
  }

  @Nested
  class SocketConnect extends SocketConnectContract {
    SocketConnect() {
      super(over);
    }
  }

  @Nested
  class SocketAddress extends SocketAddressContract {
    SocketAddress() {
      super(over);
    }
  }

  @Nested
  class AsynchronousConnect extends AsynchronousConnectContract {
    AsynchronousConnect() {
      super(over);
    }
  }
}
