using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// Where the leader waits until the host is ready for it: its unit is to be there, with its limits, and its name taken,
/// before anything of the payload runs. A launcher that dies meanwhile takes it along.
/// </summary>
internal sealed class Gate : IDisposable
{
    private readonly SafeFileHandle _inner;
    private readonly SafeFileHandle _outer;

    public Gate() => (_inner, _outer) = Descriptors.Pipe();

    /// <summary>The leader's first calls.</summary>
    public void Await(ChildProgram program)
    {
        program.Close(_outer); // its own copy would keep the end of the file from coming
        program.Await(_inner);
    }

    public void Open() => Descriptors.Write(_outer, "1"u8, "gate");

    public void Dispose()
    {
        _inner.Dispose();
        _outer.Dispose();
    }
}
