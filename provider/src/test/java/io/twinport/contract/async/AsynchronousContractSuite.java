package io.twinport.contract.async;

import io.twinport.contract.support.Transport;
import org.junit.jupiter.api.Nested;

/** All contract tests of asynchronous channels over one transport, given by the subclass. */
public abstract class AsynchronousContractSuite {
  private final Transport over;

  protected AsynchronousContractSuite(Transport transport) {
    this.over = transport;
  }

  @Nested
  class Connect extends AsynchronousConnectContract {
    Connect() {
      super(over);
    }
  }

  @Nested
  class Accept extends AsynchronousAcceptContract {
    Accept() {
      super(over);
    }
  }

  @Nested
  class Transfer extends AsynchronousTransferContract {
    Transfer() {
      super(over);
    }
  }

  @Nested
  class Close extends AsynchronousCloseContract {
    Close() {
      super(over);
    }
  }

  @Nested
  class Timeout extends AsynchronousTimeoutContract {
    Timeout() {
      super(over);
    }
  }

  @Nested
  class TransferFromTheAcceptedEnd extends AsynchronousTransferContract {
    TransferFromTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class CloseFromTheAcceptedEnd extends AsynchronousCloseContract {
    CloseFromTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class TimeoutFromTheAcceptedEnd extends AsynchronousTimeoutContract {
    TimeoutFromTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class Group extends AsynchronousGroupContract {
    Group() {
      super(over);
    }
  }

  @Nested
  class Race extends AsynchronousRaceContract {
    Race() {
      super(over);
    }
  }

  @Nested
  class Pool extends AsynchronousPoolContract {
    Pool() {
      super(over);
    }
  }

  @Nested
  class Retention extends AsynchronousRetentionContract {
    Retention() {
      super(over);
    }
  }

  @Nested
  class RetentionFromTheAcceptedEnd extends AsynchronousRetentionContract {
    RetentionFromTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class Chain extends AsynchronousChainContract {
    Chain() {
      super(over);
    }
  }

  @Nested
  class ChainFromTheAcceptedEnd extends AsynchronousChainContract {
    ChainFromTheAcceptedEnd() {
      super(over.fromAcceptedEnd());
    }
  }

  @Nested
  class Options extends AsynchronousOptionsContract {
    Options() {
      super(over);
    }
  }
}
