namespace Serve.Inference.Repository;

/// <summary>Where a version of a model stands.</summary>
public enum ModelState
{
    /// <summary>Known, not in memory. It is loaded when first asked for, unless it was unloaded by request.</summary>
    Unloaded,

    /// <summary>Being opened and warmed up. Nothing of it answers yet.</summary>
    Loading,

    /// <summary>In memory; it answers requests.</summary>
    Ready,

    /// <summary>Takes no more requests; those in flight finish, then its memory is returned.</summary>
    Unloading,

    /// <summary>It cannot be served; the reason says why. It is tried again when its files change.</summary>
    Failed,
}
