/*
 * How a reader sleeps and its writer wakes it: the stream's tail, the reader's arm, its seat on the
 * board and its wire. OutStream.publish, ShmStreams.armStreams, ControlSegment.push, PeerBells.wake,
 * Board.announceSleep, EventLoop.step, ThreadSeat.sleepOnBell, TwinSelector.selectBoth,
 * TwinPort.sleep and AcceptWait.await are one or the other side of it.
 *
 * Memory is that of x86 and weaker in what matters here: each process has a buffer through which its
 * stores come to be seen, one by one and at any time. A fence waits until it is empty. So does a
 * system call, and everybody sees that at once.
 *
 * Claim: nobody sleeps for ever. Spin finds a reader who does as an invalid end state.
 *
 * Each of these takes one thing out, and the claim fails:
 *   NO_FENCE_BEHIND_TAIL   publish() looks at the arm before its tail can be seen
 *   NO_FENCE_BEHIND_PUSH   wake() looks at the seat before the push can be seen
 *   NO_FENCE_BEHIND_SEAT   the sleeper looks again before it is seen to sleep
 *   NO_LOOK_BEHIND_SEAT    the sleeper does not look again
 */
#define MESSAGES 3
#define UNARMED  255

#define TAIL   0
#define ARM    1
#define PUSHES 2
#define SEAT   3
byte mem[4];

#define WRITER 0
#define READER 1
chan buffered0 = [3] of { byte, byte };
chan buffered1 = [3] of { byte, byte };

bool edge;	/* the wire's edge, which epoll keeps until somebody waits for it */

inline store0(where, what) { buffered0!where, what }
inline store1(where, what) { buffered1!where, what }
inline fence0() { empty(buffered0) }
inline fence1() { empty(buffered1) }

/* Stores come to be seen. */
active proctype visible0()
{	byte where, what;
end:	do
	:: atomic { buffered0?where, what -> mem[where] = what }
	od
}

active proctype visible1()
{	byte where, what;
end:	do
	:: atomic { buffered1?where, what -> mem[where] = what }
	od
}

/* OutStream.publish, with ControlSegment.push and PeerBells.wake behind it. */
active proctype writer()
{	byte tail, arm, pushed, seat, rung;
	do
	:: tail < MESSAGES ->
		tail++;
		store0(TAIL, tail);
#ifndef NO_FENCE_BEHIND_TAIL
		fence0();
#endif
		arm = mem[ARM];
		if
		:: arm == tail - 1 ->
			pushed++;
			store0(PUSHES, pushed);
#ifndef NO_FENCE_BEHIND_PUSH
			fence0();
#endif
			seat = mem[SEAT];
			if
			:: (seat & 1) && seat != rung ->
				atomic { fence0(); edge = true };
				rung = seat
			:: else
			fi
		:: else
		fi
	:: else -> break
	od
}

/* A reader that waits for what the event tells, as a selector does. */
active proctype reader()
{	byte head, taken, seat;
	do
	:: head == MESSAGES -> break
	:: head != MESSAGES && mem[TAIL] != head -> head = mem[TAIL]
	:: head != MESSAGES && mem[TAIL] == head ->
		/* armStreams() */
		store1(ARM, head);
		fence1();
		if
		:: mem[TAIL] != head -> goto again
		:: else
		fi;
		/* a selector has other things to look at as well, and now knows of this only by events */
sleep:		seat++;
		store1(SEAT, seat);
#ifndef NO_FENCE_BEHIND_SEAT
		fence1();
#endif
#ifndef NO_LOOK_BEHIND_SEAT
		if
		:: mem[PUSHES] != taken -> taken = mem[PUSHES]; seat++; store1(SEAT, seat); fence1(); goto again
		:: else
		fi;
#endif
		/* epoll_wait: an edge of before ends it early, once */
		atomic { empty(buffered1) && edge -> edge = false };
		seat++;
		store1(SEAT, seat);
		fence1();
		if
		:: mem[PUSHES] != taken -> taken = mem[PUSHES]
		:: else -> goto sleep	/* rung for nothing: goes back to sleep */
		fi;
again:		skip
	od
}
