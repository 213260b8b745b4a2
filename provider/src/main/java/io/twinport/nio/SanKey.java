package io.twinport.nio;

import io.twinport.waiting.Post;
import sun.nio.ch.SelectionKeyImpl;

/** What a selector of ours knows about one of its keys beside what the JDK's key says. */
final class SanKey extends Post {
  final SelectionKeyImpl key;
  final SanChannel channel;
  final TwinSelector selector;

  /** The next of the channel's keys; belongs to {@link SanKeys}. */
  volatile SanKey sibling;

  // The rest is the selecting thread's.

  /** The place in the selector's list of keys to look at, or -1. */
  int activeIndex = -1;

  /** What the last look found, in poll's bits. */
  int ready;

  /** How many selects in a row found nothing. */
  int idle;

  /** The select in which the kernel has reported the key already. */
  long kernelSelect;

  SanKey(SelectionKeyImpl key, SanChannel channel, TwinSelector selector) {
    this.key = key;
    this.channel = channel;
    this.selector = selector;
  }
}
