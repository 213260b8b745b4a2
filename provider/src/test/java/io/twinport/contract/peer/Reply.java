package io.twinport.contract.peer;

import java.io.Serializable;

/**
 * How a call ended.
 *
 * @param result what it returned; of a result that was kept, whether there is one
 * @param failure what it threw, or null
 */
record Reply(Object result, Throwable failure) implements Serializable {}
