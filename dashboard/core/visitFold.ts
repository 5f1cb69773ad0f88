export { foldAct, foldVisit, type Received, type VisitRecord } from '../../visit/visitRecord.ts';
