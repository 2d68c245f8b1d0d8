using System.Collections.Immutable;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>What the container's first process reported instead of becoming the payload.</summary>
internal static class PayloadFailure
{
    public static LaunchException Of(Step step, Errno errno) =>
        step is Execute execute ? OfCommand(execute.Candidates, errno) : StepText.Failed(step, ErrnoText.Of(errno), errno);

    /// <summary>None of the candidates could be executed.</summary>
    public static LaunchException OfCommand(ImmutableArray<Candidate> candidates, Errno errno)
    {
        bool missing = errno is Errno.ENOENT or Errno.ENOTDIR;
        string command = candidates is [Candidate one, ..] ? one.Arguments[0] : "the payload";
        string reason = (missing, errno) switch
        {
            (true, _) when candidates.Length > 1 => "not found in " + string.Join(", ", candidates.Select(Directory).Distinct()),
            (true, _) => "not found in the tree, or the interpreter it names is not",
            (_, Errno.EACCES) => "it is not executable",
            (_, Errno.ENOEXEC) => "it is made for another kind of machine, or is a script without #! line",
            _ => ErrnoText.Of(errno),
        };
        return new LaunchException(
            $"cannot execute {command}: {reason}", missing ? LaunchException.NotFound : LaunchException.NotExecutable);
    }

    private static string Directory(Candidate candidate) => RootDirectory.Split(candidate.Path).Parent;
}
