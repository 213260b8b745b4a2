/**
 * What {@code AsynchronousSocketChannel}, {@code AsynchronousServerSocketChannel} and their groups
 * must do. Start at {@code AsynchronousContractSuite}, which has them all; extend it to run them
 * over another transport. {@code AsynchronousContract} is their base.
 */
package io.twinport.contract.async;
