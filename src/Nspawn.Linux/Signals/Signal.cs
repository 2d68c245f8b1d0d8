using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Signals by number and by the name that kill(1) gives them.</summary>
public static class Signal
{
    public const int Hangup = LibC.SIGHUP;
    public const int Interrupt = LibC.SIGINT;
    public const int Quit = LibC.SIGQUIT;
    public const int Kill = LibC.SIGKILL;
    public const int User2 = LibC.SIGUSR2;
    public const int Pipe = LibC.SIGPIPE;
    public const int Terminate = LibC.SIGTERM;
    public const int Child = LibC.SIGCHLD;
    public const int Continue = LibC.SIGCONT;
    public const int WindowChange = LibC.SIGWINCH;

    /// <summary>The first real-time signal a program may use.</summary>
    public const int RealTimeMin = LibC.SIGRTMIN;
    public const int RealTimeMax = LibC.SIGRTMAX;

    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>The name without its prefix: <c>KILL</c>, <c>RTMIN+3</c>; a number where there is no name.</summary>
    public static string NameOf(int signal) => signal switch
    {
        > 0 when signal < Names.Length => Names[signal],
        RealTimeMin => "RTMIN",
        > RealTimeMin and <= RealTimeMax => $"RTMIN+{signal - RealTimeMin}",
        _ => $"{signal}",
    };
}
