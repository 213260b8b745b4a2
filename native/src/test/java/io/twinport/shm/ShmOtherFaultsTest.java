package io.twinport.shm;

import io.twinport.faults.Fault;
import io.twinport.nio.OtherFaultsContract;
import java.util.EnumSet;

/**
 * Faults in shared memory's own code under sockets and asynchronous channels. Not of a stack that
 * is full: what must not be ended half-way has room there before it begins, and {@link
 * StackEndTest} tries it at the end of real stacks.
 */
final class ShmOtherFaultsTest extends OtherFaultsContract {
  ShmOtherFaultsTest() {
    super(
        new ShmProvider(),
        EnumSet.of(Fault.OUT_OF_MEMORY, Fault.TOOL, Fault.INTERRUPT),
        "io.twinport.shm",
        "io.twinport.stream",
        "io.twinport.host");
  }
}
