namespace Nspawn.Linux.Interop;

internal static unsafe partial class LibC
{
    public const int ENOENT = 2;
    public const int EAGAIN = 11;
    public const int EACCES = 13;
}
