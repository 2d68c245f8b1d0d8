using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Nspawn.Linux;

namespace Nspawn.Core;

// Carried out by the child, in the container's namespaces, with raw system calls only.

/// <summary>Uid 0 of the container's user namespace, which the launcher has said by now who that is on the host.</summary>
public sealed record BecomeRoot : Step;

/// <summary>What is mounted in the container reaches name spaces made in it, with everything below.</summary>
public sealed record SetShared(string Path) : Step;

/// <summary>
/// A file system of the container's own takes the place of one that the launcher has put there: the kernel gives a
/// user namespace a new one only while it sees all of another.
/// </summary>
public sealed record ReplacePin(string Type, string Target, MountFlags Flags) : Step;

/// <summary>The container's own group becomes the root of all it sees of cgroups.</summary>
public sealed record EnterCgroupNamespace : Step;

public sealed record Unmount(string Path) : Step;

public sealed record RemoveDirectory(string Path) : Step;

/// <summary>Writes a value to a file of proc.</summary>
public sealed record WriteProc(string Path, string Value) : Step;

public sealed record BringLoopbackUp : Step;

public sealed record SetHostname(string Name) : Step;

public sealed record NewSession : Step;

/// <summary>The console becomes standard input, output and error, and the session's terminal.</summary>
/// <param name="Path">
/// The terminal's name in the container; opened by it, so that /proc/self/fd shows it. Null: something is mounted over
/// it, and the launcher's descriptor has to do.
/// </param>
/// <param name="Owner">The user it belongs to.</param>
public sealed record UseConsole(string? Path, uint Owner) : Step;

public sealed record SetPersonality(Personality Personality) : Step;

public sealed record SetRlimit(RlimitResource Resource, Rlimit Limit) : Step;

public sealed record SetAffinity(ImmutableArray<int> Processors) : Step;

public sealed record NewKeyring : Step;

/// <summary>PID 1 stays behind as the stub init; what follows happens in PID 2.</summary>
public sealed record BecomeStubInit : Step;

/// <summary>The system call filter; seccomp(2).</summary>
public sealed record LoadFilter(
    CapabilitySet Retained, ImmutableArray<string> Allow, ImmutableArray<string> Deny, bool SuppressSync) : Step
{
    /// <summary>Of which address families sockets can be made; null: of all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AddressFamilies? Families { get; init; }
}

public sealed record SetUser(uint Uid, uint Gid, ImmutableArray<uint> Groups) : Step;

public sealed record SetCapabilities(CapabilitySet Bounding, CapabilitySet Effective, CapabilitySet Ambient) : Step;

public sealed record SetNoNewPrivileges : Step;

public sealed record ChangeDirectory(string Path) : Step;

/// <summary>The payload: the first candidate that can be executed.</summary>
/// <param name="Candidates">Each a path and the argument vector it gets.</param>
/// <param name="Environment">All of the payload's environment.</param>
public sealed record Execute(ImmutableArray<Candidate> Candidates, ImmutableArray<string> Environment) : Step;

public sealed record Candidate(string Path, ImmutableArray<string> Arguments);
