package io.twinport.nio;

import io.twinport.faults.Fault;
import io.twinport.inproc.InProcessProvider;
import java.util.EnumSet;

/** Faults in the switch under sockets and asynchronous channels, over a SAN that has none. */
final class OtherFaultsTest extends OtherFaultsContract {
  OtherFaultsTest() {
    super(
        new InProcessProvider(),
        EnumSet.allOf(Fault.class),
        "io.twinport.waiting",
        "io.twinport.registry",
        "io.twinport.core",
        "io.twinport.nio",
        "io.twinport.net",
        "io.twinport.aio");
  }
}
