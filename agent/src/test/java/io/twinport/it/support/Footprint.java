package io.twinport.it.support;

import java.io.IOException;

/**
 * What a program holds.
 *
 * @param descriptors how many are open
 * @param heapKib what is left of the heap after a collection, in KiB
 * @param residentKib resident memory without the heap, in KiB
 */
public record Footprint(int descriptors, long heapKib, long residentKib) {
  /** Looks, after a collection. */
  public static Footprint of(Program program) throws IOException {
    long heap = program.call("heap").number("kib");
    return new Footprint(ProcFs.descriptors(program.pid()), heap, ProcFs.resident(program.pid()));
  }

  /** Whether more is held than then, by more than that allows. */
  public boolean exceeds(Footprint then, long slackKib) {
    return descriptors > then.descriptors
        || heapKib > then.heapKib + slackKib
        || residentKib > then.residentKib + 8 * slackKib;
  }
}
