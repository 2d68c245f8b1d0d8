using System.Runtime.InteropServices;

namespace Nspawn.Linux;

/// <summary>What the child does when one of its system calls fails.</summary>
public enum OnFailure
{
    /// <summary>Report the step and errno, and end.</summary>
    Stop,

    /// <summary>As Stop, and a result of zero is a failure too: a read that finds the launcher gone.</summary>
    StopAtZero,

    /// <summary>Go on: the call is made where it can be.</summary>
    Continue,

    /// <summary>Go on, but remember the error: one of several ways to execute the payload.</summary>
    TryNext,
}

/// <summary>
/// The system calls a cloned child will make, laid out in unmanaged memory before the clone: numbers, arguments, and
/// every string and struct they point to. After the clone the runtime must not be entered any more (its other threads
/// are not there), so the child only walks this array with raw calls; see <see cref="Child"/>.
/// </summary>
public sealed unsafe partial class ChildProgram : IDisposable
{
    /// <summary>An argument that is the result of an earlier call: the descriptor it opened.</summary>
    public readonly record struct Argument(nint Value, bool IsSlot = false)
    {
        public static implicit operator Argument(nint value) => new(value);

        public static implicit operator Argument(int value) => new(value);

        public static Argument Slot(int slot) => new(slot, IsSlot: true);
    }

    internal struct Operation
    {
        public nint Number;
        public nint A0, A1, A2, A3, A4, A5;
        public int Step;
        public int SlotArguments; // bit n: argument n is the number of a slot
        public int ResultSlot; // -1: the result is not kept
        public OnFailure OnFailure;
    }

    internal const int Slots = 8;

    /// <summary>So many calls lead into a container, or a little more: room from the beginning is not copied.</summary>
    private const int Usual = 128;

    /// <summary>A number no system call has: fork, stay behind as the stub init, go on in the child.</summary>
    internal const int StubInit = -1;

    /// <summary>A number no system call has: go on in a sibling, and end.</summary>
    internal const int Sibling = -2;

    private readonly List<Operation> _operations = new(Usual);
    private readonly List<nint> _memory = new(Usual);
    private int _step;
    private nint* _sibling;

    /// <summary>The number of the plan's step that the calls added from now on carry out; a failure reports it.</summary>
    public void BeginStep(int step) => _step = step;

    internal void Call(OnFailure onFailure, int resultSlot, int number, params ReadOnlySpan<Argument> arguments)
    {
        Operation operation = new() { Number = number, Step = _step, OnFailure = onFailure, ResultSlot = resultSlot };
        nint* first = &operation.A0;
        for (int i = 0; i < arguments.Length; i++)
        {
            first[i] = arguments[i].Value;
            operation.SlotArguments |= arguments[i].IsSlot ? 1 << i : 0;
        }

        _operations.Add(operation);
    }

    internal void Call(int number, params ReadOnlySpan<Argument> arguments) =>
        Call(OnFailure.Stop, -1, number, arguments);

    internal void CallIfPossible(int number, params ReadOnlySpan<Argument> arguments) =>
        Call(OnFailure.Continue, -1, number, arguments);

    internal nint Text(string text)
    {
        nint pointer = Marshal.StringToCoTaskMemUTF8(text);
        _memory.Add(pointer);
        return pointer;
    }

    /// <summary>A NULL-terminated array of strings, as execve(2) takes it.</summary>
    internal nint TextArray(IReadOnlyList<string> texts)
    {
        nint* array = (nint*)Bytes((texts.Count + 1) * sizeof(nint));
        for (int i = 0; i < texts.Count; i++)
        {
            array[i] = Text(texts[i]);
        }

        return (nint)array;
    }

    /// <summary>Zeroed memory.</summary>
    internal nint Bytes(int length)
    {
        nint pointer = Marshal.AllocCoTaskMem(Math.Max(length, 1));
        new Span<byte>((void*)pointer, length).Clear();
        _memory.Add(pointer);
        return pointer;
    }

    internal nint Struct<T>(in T value)
        where T : unmanaged
    {
        nint pointer = Bytes(sizeof(T));
        *(T*)pointer = value;
        return pointer;
    }

    internal nint Array<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        nint pointer = Bytes(values.Length * sizeof(T));
        values.CopyTo(new Span<T>((void*)pointer, values.Length));
        return pointer;
    }

    /// <summary>Memory for the child's stack, aligned, and with room for one more word above it; only what is used is touched.</summary>
    internal byte* Stack(int length)
    {
        const int Alignment = 16;
        nint pointer = Marshal.AllocCoTaskMem(length + 2 * Alignment);
        _memory.Add(pointer);
        return (byte*)((pointer + Alignment - 1) & -Alignment);
    }

    /// <summary>
    /// The process that the child has gone on in, once the child has ended, as the launcher's namespace numbers it; 0: it
    /// never came to that.
    /// </summary>
    public int SiblingPid => _sibling is null ? 0 : (int)*_sibling;

    /// <summary>The finished array; lives until this is disposed.</summary>
    internal Operation* Compile(out int count)
    {
        count = _operations.Count;
        return (Operation*)Array<Operation>(CollectionsMarshal.AsSpan(_operations));
    }

    public void Dispose()
    {
        foreach (nint pointer in _memory)
        {
            Marshal.FreeCoTaskMem(pointer);
        }

        _memory.Clear();
    }
}
