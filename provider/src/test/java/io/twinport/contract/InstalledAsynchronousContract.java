package io.twinport.contract;

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
  class TransferFromTheAcceptedEnd extends AsynchronousTransferContract {
    TransferFromTheAcceptedEnd() {
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
}
