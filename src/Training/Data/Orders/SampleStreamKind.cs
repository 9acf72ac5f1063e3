namespace Serve.Training.Data.Orders;

/// <summary>What a stream of images is for. Its number is a part of the key of all its random choices.</summary>
internal enum SampleStreamKind
{
    /// <summary>Images to learn from.</summary>
    Main = 0,

    /// <summary>Images whose objects are pasted.</summary>
    Pasted = 1,

    /// <summary>Images with labels that a detector gave.</summary>
    Pseudo = 2,
}
