source server/src/main/java/io/quorate/server/api/WatchHub.java
test WatchContractTest.whatASnapshotBroughtIsNotServedAsChanges
outside the simulation
<<<<
            if (commits.isEmpty() || !commits.get(0).position().equals(expected)) {
====
            if (commits.isEmpty()) {
>>>>
