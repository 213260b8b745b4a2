package io.twinport.faults;

/** The kinds of instruction that have a point before them. */
enum Step {
  /** The first of a method. */
  ENTRY,
  /** A call of something that is not woven. */
  CALL,
  /** Such a call that may enter the kernel, or wait. */
  BLOCKING,
  /** A call of a service provider. */
  SPI,
  /** Such a call that may throw an IOException. */
  SPI_IO,
  /** An allocation. */
  ALLOCATION
}
