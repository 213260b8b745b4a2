package io.twinport.nio;

import io.twinport.faults.Fault;
import io.twinport.inproc.InProcessProvider;
import java.util.EnumSet;

/** Faults in the switch, over a SAN that has none. */
final class FaultsTest extends FaultsContract {
  FaultsTest() {
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
