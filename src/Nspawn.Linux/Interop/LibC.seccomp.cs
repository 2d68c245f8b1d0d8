namespace Nspawn.Linux.Interop;

internal static unsafe partial class LibC
{
    public const int SECCOMP_SET_MODE_FILTER = 1;

    /// <summary>A classic BPF program, as seccomp(2) takes it.</summary>
    public struct sock_fprog
    {
        public ushort len;
        public nint filter;
    }
}
