using Nspawn.Core;

namespace Nspawn;

/// <summary>A file system cannot show other owners than are on disk.</summary>
internal sealed class MappingRefused(string message) : LaunchException(message);
