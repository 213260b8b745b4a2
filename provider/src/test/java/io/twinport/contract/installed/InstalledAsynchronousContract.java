package io.twinport.contract.installed;

import io.twinport.contract.async.AsynchronousAcceptContract;
import io.twinport.contract.async.AsynchronousChainContract;
import io.twinport.contract.async.AsynchronousCloseContract;
import io.twinport.contract.async.AsynchronousConnectContract;
import io.twinport.contract.async.AsynchronousGroupContract;
import io.twinport.contract.async.AsynchronousOptionsContract;
import io.twinport.contract.async.AsynchronousPoolContract;
import io.twinport.contract.async.AsynchronousRaceContract;
import io.twinport.contract.async.AsynchronousRetentionContract;
import io.twinport.contract.async.AsynchronousTimeoutContract;
import io.twinport.contract.async.AsynchronousTransferContract;
import io.twinport.contract.support.Transport;
import org.junit.jupiter.api.Nested;

/** As {@link InstalledContract}, for asynchronous channels. */
final class InstalledAsynchronousContract {
  private static final Transport TRANSPORT = InstalledContract.TRANSPORT;

  @Nested
  class Connect extends AsynchronousConnectContract {
    Connect() {
      super(TRANSPORT);
    }
  }

  @Nested
  class AcceptFromTheAcceptedEnd extends AsynchronousAcceptContract {
    AcceptFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class Transfer extends AsynchronousTransferContract {
    Transfer() {
      super(TRANSPORT);
    }
  }

  @Nested
  class Close extends AsynchronousCloseContract {
    Close() {
      super(TRANSPORT);
    }
  }

  @Nested
  class Timeout extends AsynchronousTimeoutContract {
    Timeout() {
      super(TRANSPORT);
    }
  }

  @Nested
  class TransferFromTheAcceptedEnd extends AsynchronousTransferContract {
    TransferFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class CloseFromTheAcceptedEnd extends AsynchronousCloseContract {
    CloseFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class TimeoutFromTheAcceptedEnd extends AsynchronousTimeoutContract {
    TimeoutFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class Group extends AsynchronousGroupContract {
    Group() {
      super(TRANSPORT);
    }
  }

  @Nested
  class GroupFromTheAcceptedEnd extends AsynchronousGroupContract {
    GroupFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class Race extends AsynchronousRaceContract {
    Race() {
      super(TRANSPORT);
    }
  }

  @Nested
  class RaceFromTheAcceptedEnd extends AsynchronousRaceContract {
    RaceFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class Pool extends AsynchronousPoolContract {
    Pool() {
      super(TRANSPORT);
    }
  }

  @Nested
  class PoolFromTheAcceptedEnd extends AsynchronousPoolContract {
    PoolFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class Retention extends AsynchronousRetentionContract {
    Retention() {
      super(TRANSPORT);
    }
  }

  @Nested
  class RetentionFromTheAcceptedEnd extends AsynchronousRetentionContract {
    RetentionFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class Chain extends AsynchronousChainContract {
    Chain() {
      super(TRANSPORT);
    }
  }

  @Nested
  class ChainFromTheAcceptedEnd extends AsynchronousChainContract {
    ChainFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }

  @Nested
  class Options extends AsynchronousOptionsContract {
    Options() {
      super(TRANSPORT);
    }
  }

  @Nested
  class OptionsFromTheAcceptedEnd extends AsynchronousOptionsContract {
    OptionsFromTheAcceptedEnd() {
      super(TRANSPORT.fromAcceptedEnd());
    }
  }
}
